/** Machine code of 64-bit ARM for the steps that the assembler knows. */
import { callNumber, littleEndian, type Processor, type Register, type Step } from './assembler.ts'

const STACK_POINTER = 31
const ZERO = 31
/** Holds the number of a system call. */
const CALL_NUMBER = 8
const registers: Readonly<Record<Register, number>> = {
  a: 19,
  b: 20,
  c: 21,
  d: 22,
  e: 23,
  f: 25,
  result: 24,
}
const EQUAL = 0
const BELOW = 11
const PAGE_BITS = 12

/** Instructions are words of four bytes. */
function words(...values: readonly number[]): number[] {
  return values.flatMap((value) => littleEndian(value >>> 0, 4))
}

/** Sixteen bits at a time: first the low half, or all ones and the low half. */
function setNumber(register: number, value: number): number[] {
  if (value < 0) return words(0x92800000 | ((~value & 0xffff) << 5) | register)
  const low = 0xd2800000 | ((value & 0xffff) << 5) | register
  return words(low, 0xf2a00000 | ((value >>> 16) << 5) | register)
}

const setRegister = (register: number, from: number): number[] =>
  words(0xaa000000 | (from << 16) | (ZERO << 5) | register)

const three = (opcode: number, right: number, left: number, target: number): number[] =>
  words(opcode | (right << 16) | (left << 5) | target)

/** An instruction with a number of twelve bits. */
const withNumber = (opcode: number, value: number, from: number, target: number): number[] =>
  words(opcode | (value << 10) | (from << 5) | target)

/** Jumps count in words from the instruction itself. */
function distance(at: number, target: number, bits: number): number {
  return ((target - at) >> 2) & (2 ** bits - 1)
}

function addressOf(register: number, at: number, target: number): number[] {
  const offset = target - at
  return words(0x10000000 | ((offset & 3) << 29) | (((offset >> 2) & 0x7ffff) << 5) | register)
}

function encodeCall(
  step: Extract<Step, { do: 'call' }>,
  at: number,
  find: (label: string) => number,
): number[] {
  const code: number[] = []
  for (const [register, argument] of step.arguments.entries()) {
    if (typeof argument === 'number') code.push(...setNumber(register, argument))
    else if (typeof argument === 'string') code.push(...setRegister(register, registers[argument]))
    else code.push(...addressOf(register, at + code.length, find(argument.address)))
  }
  code.push(...setNumber(CALL_NUMBER, callNumber(arm64, step.name)), ...words(0xd4000001))
  return [...code, ...setRegister(registers.result, 0)]
}

function encodeAddition(step: Extract<Step, { do: 'add' }>): number[] {
  const register = registers[step.register]
  if (typeof step.value === 'string') {
    return three(0x8b000000, registers[step.value], register, register)
  }
  const opcode = step.value < 0 ? 0xd1000000 : 0x91000000
  return withNumber(opcode, Math.abs(step.value), register, register)
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
      return words(0x14000000 | distance(at, find(step.to), 26))
    case 'jump-if': {
      const compare = withNumber(0xf1000000, step.number, registers[step.register], ZERO)
      const condition = step.is === 'equal' ? EQUAL : BELOW
      return [
        ...compare,
        ...words(0x54000000 | (distance(at + 4, find(step.to), 19) << 5) | condition),
      ]
    }
    case 'set':
      return typeof step.to === 'number'
        ? setNumber(registers[step.register], step.to)
        : setRegister(registers[step.register], registers[step.to])
    case 'add':
      return encodeAddition(step)
    case 'subtract': {
      const register = registers[step.register]
      return three(0xcb000000, registers[step.value], register, register)
    }
    case 'shift-right': {
      const register = registers[step.register]
      return words(0xd340fc00 | (step.bits << 16) | (register << 5) | register)
    }
    case 'load':
      return withNumber(0xf9400000, step.offset / 8, registers[step.from], registers[step.register])
    case 'load-byte':
      return withNumber(0x39400000, step.offset, registers[step.from], registers[step.register])
    case 'store-byte':
      return withNumber(0x39000000, step.offset, registers[step.to], registers[step.register])
    case 'get-stack':
      return withNumber(0x91000000, 0, STACK_POINTER, registers[step.register])
    case 'reserve':
      return [
        ...withNumber(0xd1400000, step.bytes >> PAGE_BITS, STACK_POINTER, STACK_POINTER),
        ...withNumber(0x91000000, 0, STACK_POINTER, registers[step.register]),
      ]
  }
}

export const arm64: Processor = {
  machine: 183,
  calls: {
    openat: 56,
    close: 57,
    read: 63,
    write: 64,
    capset: 91,
    exit_group: 94,
    unshare: 97,
    kill: 129,
    rt_sigprocmask: 135,
    rt_sigtimedwait: 137,
    prctl: 167,
    socket: 198,
    connect: 203,
    shutdown: 210,
    clone: 220,
    wait4: 260,
    setns: 268,
  },
  encode,
}
