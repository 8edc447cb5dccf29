import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/* What Linux says of the machine and of processes, and how processes are bound to cores. */

export const SERVER_CORE = 0;
/** The load, the sandbox and the harness. */
export const LOAD_CORE = 1;
const TICK_MICROSECONDS = 10_000;

export const boundTo = (core, command) => ['taskset', '-c', String(core), ...command];

/** Stops a run that could not be measured before anything is started. */
export function expectTools() {
  if (process.platform !== 'linux')
    throw new Error('The benchmark reads /proc and binds processes to cores: it needs Linux.');
  if (cpus().length < 2) throw new Error('The benchmark needs two cores: one for the server, one for the load.');
  for (const [command, pack] of [
    ['wrk', 'wrk'],
    ['taskset', 'util-linux'],
  ]) {
    if (spawnSync(command, ['--version']).error)
      throw new Error(`The benchmark needs ${command}: apt-get install ${pack}`);
  }
}

/** User and system time of a process with all its threads, in microseconds; 0 when it is gone. */
export function cpuMicroseconds(pid) {
  const stat = readProc(`/proc/${pid}/stat`);
  const [, , , , , , , , , , , user = 0, system = 0] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return (Number(user) + Number(system)) * TICK_MICROSECONDS;
}

/** Tells, whenever it is asked, which share of the machine since now, in per cent, went to others than these and `more`. */
export function watchStrangers(pids) {
  const own = () => pids.reduce((sum, pid) => sum + cpuMicroseconds(pid), 0);
  const before = { all: machineMicroseconds(), own: own(), at: performance.now() };
  return (more) => {
    const whole = (performance.now() - before.at) * 1000 * cpus().length;
    const strangers = machineMicroseconds() - before.all - (own() - before.own) - more;
    return Math.max(0, (100 * strangers) / whole);
  };
}

/** What all processes used, and what the host took away; interrupts are left out, most are the load's own packets. */
function machineMicroseconds() {
  const [, user, nice, system, , , , , steal] = readProc('/proc/stat').split('\n')[0].split(/ +/).map(Number);
  return (user + nice + system + steal) * TICK_MICROSECONDS;
}

export function residentMegabytes(pid) {
  const [, kilobytes = 0] = /VmRSS:\s+(\d+)/.exec(readProc(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) / 1024;
}

/** One line for the head of a report. */
export function machineText() {
  const [{ model }] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${model.trim()}), ${gigabytes} GB, Node ${process.version}`;
}

function readProc(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
