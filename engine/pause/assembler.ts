/** A small assembler: one list of steps becomes machine code for each processor we run on. */

/** Registers that keep their value across system calls; `result` is what the last call returned. */
export type Register = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'result'

export type Argument = number | Register | { readonly address: string }

export type Step =
  | { readonly do: 'label'; readonly name: string }
  | { readonly do: 'jump'; readonly to: string }
  /** Signed; jumps where the register is below or equal to the number. */
  | {
      readonly do: 'jump-if'
      readonly register: Register
      readonly is: 'below' | 'equal'
      readonly number: number
      readonly to: string
    }
  | { readonly do: 'set'; readonly register: Register; readonly to: number | Register }
  | { readonly do: 'add'; readonly register: Register; readonly value: number | Register }
  | { readonly do: 'subtract'; readonly register: Register; readonly value: Register }
  | { readonly do: 'shift-right'; readonly register: Register; readonly bits: number }
  /** What lies at the address in `from`, plus `offset`: eight bytes, or one. */
  | {
      readonly do: 'load' | 'load-byte'
      readonly register: Register
      readonly from: Register
      readonly offset: number
    }
  | {
      readonly do: 'store-byte'
      readonly register: Register
      readonly to: Register
      readonly offset: number
    }
  /** Where the number of arguments and then the arguments lie when a program starts. */
  | { readonly do: 'get-stack'; readonly register: Register }
  /** Takes this much of the stack, in multiples of 4096 bytes, and says where it begins. */
  | { readonly do: 'reserve'; readonly register: Register; readonly bytes: number }
  | { readonly do: 'call'; readonly name: string; readonly arguments: readonly Argument[] }
  | { readonly do: 'bytes'; readonly bytes: readonly number[] }

export interface Processor {
  /** ELF's number of the machine. */
  readonly machine: number
  /** Numbers of the system calls. */
  readonly calls: Readonly<Record<string, number>>
  /** The code of one step that begins at `at`; labels are where `find` says. */
  encode(step: Step, at: number, find: (label: string) => number): readonly number[]
}

/** Two passes: no step's length depends on where the labels are. */
export function assemble(steps: readonly Step[], processor: Processor): Buffer {
  const labels = new Map<string, number>()
  const encodeAll = (find: (label: string) => number): number[] => {
    const code: number[] = []
    for (const step of steps) {
      if (step.do === 'label') labels.set(step.name, code.length)
      else code.push(...processor.encode(step, code.length, find))
    }
    return code
  }
  encodeAll(() => 0)
  const place = (label: string): number => {
    const found = labels.get(label)
    if (found === undefined) throw new Error(`assembler: no label "${label}"`)
    return found
  }
  return Buffer.from(encodeAll(place))
}

/** The number of a system call. */
export function callNumber(processor: Processor, name: string): number {
  const number = processor.calls[name]
  if (number === undefined) throw new Error(`assembler: no number for the system call "${name}"`)
  return number
}

/** A number as bytes, lowest first. */
export function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) & 0xff)
}
