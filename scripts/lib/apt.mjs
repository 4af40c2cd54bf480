// Debian's packages, for what a machine lacks.
import { attempt, which } from './shell.mjs';

/** Installs packages with apt and says whether that worked; never asks for a password. */
export function aptInstall(...packages) {
  if (!which('apt-get')) return false;
  const [command, ...sudo] = [...(process.getuid() === 0 ? [] : ['sudo', '-n']), 'apt-get'];
  const options = [
    '-y',
    '-o',
    'Acquire::Retries=1',
    '-o',
    'Acquire::http::Timeout=20',
    '-o',
    'DPkg::Lock::Timeout=120',
  ];
  const apt = (...args) =>
    attempt(command, [...sudo, ...options, ...args], { seconds: 600, env: { DEBIAN_FRONTEND: 'noninteractive' } }).ok;
  const install = () => apt('install', '--no-install-recommends', ...packages);
  // The package lists of a new machine are often empty or old.
  return install() || (apt('update') && install());
}
