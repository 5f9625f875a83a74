/** Machine code of x86-64 for the steps that the assembler knows. */
import { callNumber, littleEndian, type Processor, type Register, type Step } from './assembler.ts'

const RSP = 4
const RAX = 0
/** System calls change rax, rcx and r11 alone. */
const registers: Readonly<Record<Register, number>> = {
  a: 3, // rbx
  b: 12,
  c: 13,
  d: 14,
  e: 15,
  f: 9,
  result: 5, // rbp
}
/** rdi, rsi, rdx, r10, r8 */
const argumentRegisters = [7, 6, 2, 10, 8]

/** An instruction on two registers: `reg` and `rm` are the fields of its ModRM byte. */
function onRegisters(opcode: number, reg: number, rm: number): number[] {
  return [prefix(reg, rm), opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7)]
}

/** With a place in memory, 32 bits away from a register. */
function onMemory(opcode: readonly number[], reg: number, base: number, offset: number): number[] {
  // The numbers of rsp and r12 in ModRM mean that one more byte names the base.
  const place =
    (base & 7) === RSP ? [0x84 | ((reg & 7) << 3), 0x24] : [0x80 | ((reg & 7) << 3) | (base & 7)]
  return [prefix(reg, base), ...opcode, ...place, ...littleEndian(offset, 4)]
}

/** All 64 bits, and the high bits of both registers' numbers. */
function prefix(reg: number, rm: number): number {
  return 0x48 | ((reg >> 3) << 2) | (rm >> 3)
}

function withNumber(opcode: number, extension: number, register: number, value: number): number[] {
  return [...onRegisters(opcode, extension, register), ...littleEndian(value, 4)]
}

const setNumber = (register: number, value: number) => withNumber(0xc7, 0, register, value)
const setRegister = (register: number, from: number) => onRegisters(0x89, from, register)

/** Jumps count from the end of the instruction. */
function jump(opcode: readonly number[], at: number, target: number): number[] {
  return [...opcode, ...littleEndian(target - (at + opcode.length + 4), 4)]
}

function encodeCall(
  step: Extract<Step, { do: 'call' }>,
  at: number,
  find: (label: string) => number,
): number[] {
  const code: number[] = []
  for (const [index, argument] of step.arguments.entries()) {
    const register = argumentRegisters[index] ?? RAX
    if (typeof argument === 'number') code.push(...setNumber(register, argument))
    else if (typeof argument === 'string') code.push(...setRegister(register, registers[argument]))
    else {
      const lea = [prefix(register, 0), 0x8d, ((register & 7) << 3) | 5]
      code.push(...jump(lea, at + code.length, find(argument.address)))
    }
  }
  code.push(...setNumber(RAX, callNumber(x86, step.name)), 0x0f, 0x05)
  return [...code, ...setRegister(registers.result, RAX)]
}

function encode(step: Step, at: number, find: (label: string) => number): readonly number[] {
  switch (step.do) {
    case 'label':
      return []
    case 'bytes':
      return step.bytes
    case 'call':
      return encodeCall(step, at, find)
    case 'jump':
      return jump([0xe9], at, find(step.to))
    case 'jump-if': {
      const compare = withNumber(0x81, 7, registers[step.register], step.number)
      const condition = step.is === 'equal' ? 0x84 : 0x8c
      return [...compare, ...jump([0x0f, condition], at + compare.length, find(step.to))]
    }
    case 'set':
      return typeof step.to === 'number'
        ? setNumber(registers[step.register], step.to)
        : setRegister(registers[step.register], registers[step.to])
    case 'add':
      return typeof step.value === 'number'
        ? withNumber(0x81, 0, registers[step.register], step.value)
        : onRegisters(0x01, registers[step.value], registers[step.register])
    case 'subtract':
      return onRegisters(0x29, registers[step.value], registers[step.register])
    case 'shift-right':
      return [...onRegisters(0xc1, 5, registers[step.register]), step.bits]
    case 'load':
      return onMemory([0x8b], registers[step.register], registers[step.from], step.offset)
    case 'load-byte':
      return onMemory([0x0f, 0xb6], registers[step.register], registers[step.from], step.offset)
    case 'store-byte':
      return onMemory([0x88], registers[step.register], registers[step.to], step.offset)
    case 'get-stack':
      return setRegister(registers[step.register], RSP)
    case 'reserve':
      return [
        ...withNumber(0x81, 5, RSP, step.bytes),
        ...setRegister(registers[step.register], RSP),
      ]
  }
}

export const x86: Processor = {
  machine: 62,
  calls: {
    read: 0,
    write: 1,
    close: 3,
    rt_sigprocmask: 14,
    socket: 41,
    connect: 42,
    shutdown: 48,
    clone: 56,
    wait4: 61,
    kill: 62,
    capset: 126,
    rt_sigtimedwait: 128,
    prctl: 157,
    exit_group: 231,
    openat: 257,
    unshare: 272,
    setns: 308,
  },
  encode,
}
