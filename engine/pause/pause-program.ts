/**
 * The one program in a sandbox's image, made here because nothing may be pulled and no compiler is
 * at hand. It holds the namespaces of a pod until SIGTERM or SIGINT, and reaps what is left behind
 * where the pod shares its processes. Its first argument says what it does about its network:
 *
 *     pause keep [FILE VALUE]...      takes the one that it was given
 *     pause unshare [FILE VALUE]...   makes one of its own
 *     pause join [FILE VALUE]...      goes into the one that is mounted at /netns
 *     pause connect PORT              passes bytes between its streams and a local port
 *
 * Each FILE, a sysctl of the namespace, is written with its VALUE; then it gives all its powers up
 * and calls itself `pause-ready`. An error ends it with errno as its exit code.
 */
import {
  type Argument,
  assemble,
  littleEndian,
  type Processor,
  type Register,
  type Step,
} from './assembler.ts'

/** The name of the process once the namespaces are as they were asked for. */
export const READY_NAME = 'pause-ready'
/** What the mounted namespace is called inside. */
export const JOINED_NAMESPACE_PATH = '/netns'

const SIGINT = 2
const SIGKILL = 9
const SIGTERM = 15
const SIGCHLD = 17
const CLONE_NEWNET = 0x40000000
const AT_FDCWD = -100
const O_WRONLY = 1
const WNOHANG = 1
const PR_SET_NAME = 15
const SIG_BLOCK = 0
/** Bytes of a set of signals. */
const SIGNALS_BYTES = 8
const CAPABILITY_VERSION = 0x20080522
const CAPABILITY_HEADER_BYTES = 8
const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SHUT_WR = 1
const STDOUT = 1
const STDERR = 2
const BUFFER_BYTES = 65_536
/** Arguments on the stack: their number, the program's name, then the others. */
const FIRST_ARGUMENT = 16
const SECOND_ARGUMENT = 24

const label = (name: string): Step => ({ do: 'label', name })
const jump = (to: string): Step => ({ do: 'jump', to })
const jumpIf = (register: Register, is: 'below' | 'equal', number: number, to: string): Step => ({
  do: 'jump-if',
  register,
  is,
  number,
  to,
})
const set = (register: Register, to: number | Register): Step => ({ do: 'set', register, to })
const add = (register: Register, value: number | Register): Step => ({ do: 'add', register, value })
const load = (register: Register, from: Register, offset: number): Step => ({
  do: 'load',
  register,
  from,
  offset,
})
const loadByte = (register: Register, from: Register, offset = 0): Step => ({
  do: 'load-byte',
  register,
  from,
  offset,
})
const store = (to: Register, offset: number, value: number | Register): Step[] => {
  const storeByte = (register: Register): Step => ({ do: 'store-byte', register, to, offset })
  return typeof value === 'string'
    ? [storeByte(value)]
    : [set('result', value), storeByte('result')]
}
const call = (name: string, ...list: readonly Argument[]): Step => ({
  do: 'call',
  name,
  arguments: list,
})
/** With its errno as exit code when the call fails. */
const callOrFail = (name: string, ...list: readonly Argument[]): Step[] => [
  call(name, ...list),
  jumpIf('result', 'below', 0, 'fail'),
]
const letter = (text: string): number => text.charCodeAt(0)

const beginning: readonly Step[] = [
  { do: 'get-stack', register: 'a' },
  { do: 'reserve', register: 'e', bytes: BUFFER_BYTES },
  load('b', 'a', 0),
  jumpIf('b', 'below', 2, 'ready'),
  load('b', 'a', FIRST_ARGUMENT),
  loadByte('b', 'b'),
  jumpIf('b', 'equal', letter('c'), 'connect'),
  jumpIf('b', 'equal', letter('u'), 'unshare'),
  jumpIf('b', 'equal', letter('j'), 'join'),
  jump('settings'),
]

const networks: readonly Step[] = [
  label('unshare'),
  ...callOrFail('unshare', CLONE_NEWNET),
  jump('settings'),
  label('join'),
  ...callOrFail('openat', AT_FDCWD, { address: 'namespace path' }, 0, 0),
  ...callOrFail('setns', 'result', CLONE_NEWNET),
]

/** a: the next argument, b: the value, c: the file, d: the end of the value, then its length. */
const settings: readonly Step[] = [
  label('settings'),
  add('a', SECOND_ARGUMENT),
  label('setting'),
  load('b', 'a', 0),
  jumpIf('b', 'equal', 0, 'ready'),
  ...callOrFail('openat', AT_FDCWD, 'b', O_WRONLY, 0),
  set('c', 'result'),
  load('b', 'a', 8),
  set('d', 'b'),
  label('measure'),
  loadByte('f', 'd'),
  jumpIf('f', 'equal', 0, 'measured'),
  add('d', 1),
  jump('measure'),
  label('measured'),
  { do: 'subtract', register: 'd', value: 'b' },
  ...callOrFail('write', 'c', 'b', 'd'),
  call('close', 'c'),
  add('a', 16),
  jump('setting'),
]

/** Signals that are blocked wait for us, even those that process 1 would ignore. */
const waiting: readonly Step[] = [
  label('ready'),
  ...callOrFail('rt_sigprocmask', SIG_BLOCK, { address: 'signals' }, 0, SIGNALS_BYTES),
  // A header at e, with no more than a version, and behind it what is left: nothing.
  ...littleEndian(CAPABILITY_VERSION, 4).flatMap((byte, index) => store('e', index, byte)),
  set('b', 'e'),
  add('b', CAPABILITY_HEADER_BYTES),
  ...callOrFail('capset', 'e', 'b'),
  ...callOrFail('prctl', PR_SET_NAME, { address: 'name' }, 0, 0, 0),
  label('wait'),
  call('rt_sigtimedwait', { address: 'signals' }, 0, 0, SIGNALS_BYTES),
  jumpIf('result', 'equal', SIGCHLD, 'reap'),
  jumpIf('result', 'below', 0, 'wait'),
  call('exit_group', 0),
  label('reap'),
  call('wait4', -1, 0, WNOHANG, 0),
  jumpIf('result', 'below', 1, 'wait'),
  jump('reap'),
]

/** b: the digits, then the socket; c: the port, d: two times the port, then the first errno. */
const connecting: readonly Step[] = [
  label('connect'),
  load('b', 'a', SECOND_ARGUMENT),
  set('c', 0),
  label('digit'),
  loadByte('f', 'b'),
  jumpIf('f', 'equal', 0, 'dial'),
  add('c', 'c'),
  set('d', 'c'),
  add('c', 'c'),
  add('c', 'c'),
  add('c', 'd'),
  add('c', 'f'),
  add('c', -letter('0')),
  add('b', 1),
  jump('digit'),
  label('dial'),
  // The stack below the arguments is empty: what is not stored is zero.
  ...store('e', 0, AF_INET),
  set('f', 'c'),
  { do: 'shift-right', register: 'f', bits: 8 },
  ...store('e', 2, 'f'),
  ...store('e', 3, 'c'),
  ...store('e', 4, 127),
  ...store('e', 7, 1),
  ...callOrFail('socket', AF_INET, SOCK_STREAM, 0),
  set('b', 'result'),
  call('connect', 'b', 'e', 16),
  jumpIf('result', 'equal', 0, 'connected'),
  set('d', 'result'),
  call('close', 'b'),
  ...store('e', 0, AF_INET6),
  ...store('e', 4, 0),
  ...store('e', 7, 0),
  ...store('e', 23, 1),
  call('socket', AF_INET6, SOCK_STREAM, 0),
  set('b', 'result'),
  call('connect', 'b', 'e', 28),
  jumpIf('result', 'equal', 0, 'connected'),
  set('result', 'd'),
  jump('fail'),
]

/** One process for each direction. a: from, b: to, c: what to write, d: the child, f: how much. */
const relaying: readonly Step[] = [
  label('connected'),
  call('write', STDERR, { address: 'name' }, 1),
  ...callOrFail('clone', SIGCHLD, 0, 0, 0, 0),
  set('d', 'result'),
  set('a', 0),
  jumpIf('d', 'equal', 0, 'relay'),
  set('a', 'b'),
  set('b', STDOUT),
  label('relay'),
  call('read', 'a', 'e', BUFFER_BYTES),
  jumpIf('result', 'below', 1, 'relayed'),
  set('c', 'e'),
  set('f', 'result'),
  label('write'),
  call('write', 'b', 'c', 'f'),
  jumpIf('result', 'below', 1, 'relayed'),
  add('c', 'result'),
  { do: 'subtract', register: 'f', value: 'result' },
  jumpIf('f', 'equal', 0, 'relay'),
  jump('write'),
  label('relayed'),
  jumpIf('d', 'equal', 0, 'child'),
  call('kill', 'd', SIGKILL),
  call('exit_group', 0),
  label('child'),
  call('shutdown', 'b', SHUT_WR),
  call('exit_group', 0),
  label('fail'),
  set('a', 0),
  { do: 'subtract', register: 'a', value: 'result' },
  call('exit_group', 'a'),
]

const bytes = (values: readonly number[]): Step => ({ do: 'bytes', bytes: values })
const text = (value: string): Step => bytes([...Buffer.from(`${value}\0`)])
const signalBit = (signal: number): number => 2 ** (signal - 1)

/** Behind the code; lengths of eight first, so that numbers lie where processors want them. */
const data: readonly Step[] = [
  label('signals'),
  bytes(littleEndian(signalBit(SIGINT) + signalBit(SIGTERM) + signalBit(SIGCHLD), SIGNALS_BYTES)),
  label('name'),
  text(READY_NAME),
  label('namespace path'),
  text(JOINED_NAMESPACE_PATH),
]

const program = [beginning, networks, settings, waiting, connecting, relaying, data].flat()

const FILE_HEADER_BYTES = 64
const SEGMENT_HEADER_BYTES = 56
const BASE_ADDRESS = 0x400000
/** Pages of ARM may be this large. */
const ALIGNMENT = 0x10000
const EXECUTABLE_AND_READABLE = 5
const WRITABLE_AND_READABLE = 6

/** A static executable of one segment; a second header keeps the stack from being executable. */
export function pauseProgram(processor: Processor): Buffer {
  const code = assemble(program, processor)
  const start = FILE_HEADER_BYTES + 2 * SEGMENT_HEADER_BYTES
  const size = start + code.length
  const number = (value: number, length: number): Buffer => Buffer.from(littleEndian(value, length))
  const segment = (type: number, flags: number, address: number, length: number): Buffer =>
    Buffer.concat([
      number(type, 4),
      number(flags, 4),
      number(0, 8),
      number(address, 8),
      number(address, 8),
      number(length, 8),
      number(length, 8),
      number(ALIGNMENT, 8),
    ])
  return Buffer.concat([
    // ELF, 64 bits, lowest byte first, version 1.
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    number(2, 2), // An executable.
    number(processor.machine, 2),
    number(1, 4),
    number(BASE_ADDRESS + start, 8),
    number(FILE_HEADER_BYTES, 8), // Where the headers of segments are.
    number(0, 8), // There are no sections.
    number(0, 4),
    number(FILE_HEADER_BYTES, 2),
    number(SEGMENT_HEADER_BYTES, 2),
    number(2, 2),
    number(0, 6),
    segment(1, EXECUTABLE_AND_READABLE, BASE_ADDRESS, size),
    segment(0x6474e551, WRITABLE_AND_READABLE, 0, 0),
    code,
  ])
}
