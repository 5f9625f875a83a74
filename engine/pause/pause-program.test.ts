/** The sandbox's program: the same bytes for each processor as those that were tried on it. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { arm64 } from './arm64.ts'
import { assemble, littleEndian } from './assembler.ts'
import { tarOf } from './pause-image.ts'
import { pauseProgram } from './pause-program.ts'
import { x86 } from './x86-64.ts'

/** Change one of these only with a program that was run on, or emulated for, its processor. */
test.for([
  ['x86-64', x86, 'd971d9ad4c350808'],
  ['64-bit ARM', arm64, 'c58bc86631ff0264'],
] as const)('%s', ([, processor, hash]) => {
  const program = pauseProgram(processor)
  expect(program.subarray(0, 4).toString('latin1')).toBe('\x7fELF')
  expect(program.readUInt16LE(18)).toBe(processor.machine)
  expect(createHash('sha256').update(program).digest('hex').slice(0, 16)).toBe(hash)
})

test.for([
  ['x86-64', x86, '4881c505000000e9f4ffffff', '0f05'],
  ['64-bit ARM', arm64, '18170091ffffff17', '010000d4'],
] as const)('%s: a jump back, and a system call', ([, processor, loop, call]) => {
  const steps = [
    { do: 'label', name: 'here' },
    { do: 'add', register: 'result', value: 5 },
    { do: 'jump', to: 'here' },
  ] as const
  expect(assemble(steps, processor).toString('hex')).toBe(loop)
  const exit = assemble([{ do: 'call', name: 'exit_group', arguments: [0] }], processor)
  expect(exit.toString('hex')).toContain(call)
})

test('a label or a system call that is not there is named', () => {
  expect(() => assemble([{ do: 'jump', to: 'nowhere' }], x86)).toThrow('no label "nowhere"')
  const unknown = [{ do: 'call', name: 'fly', arguments: [] }] as const
  expect(() => assemble(unknown, arm64)).toThrow('no number for the system call "fly"')
})

test('numbers are written lowest byte first', () => {
  expect(littleEndian(0x01020304, 4)).toEqual([4, 3, 2, 1])
  expect(littleEndian(-1, 4)).toEqual([255, 255, 255, 255])
  expect(littleEndian(2 ** 40, 8)).toEqual([0, 0, 0, 0, 0, 1, 0, 0])
})

test('an archive is one file with a sum that is right', () => {
  const archive = tarOf('pause', Buffer.from('content'))
  expect(archive.length % 512).toBe(0)
  expect(archive.toString('latin1', 0, 5)).toBe('pause')
  expect(archive.toString('latin1', 512, 519)).toBe('content')
  const sum = Number.parseInt(archive.toString('latin1', 148, 154), 8)
  const blank = Buffer.from(archive.subarray(0, 512)).fill(' ', 148, 156)
  expect(sum).toBe(blank.reduce((total, byte) => total + byte, 0))
})
