/** Small programs of the machine, such as ip and nsenter, run to their end. */
import { spawn } from 'node:child_process'

/** A program that takes longer hangs: all of ours take milliseconds. */
const PROGRAM_TIMEOUT_MS = 30_000

/** Its output. Rejects with what it wrote to its errors when it fails. */
export async function runProgram(
  program: string,
  programArguments: readonly string[],
  input = '',
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn(program, programArguments, { timeout: PROGRAM_TIMEOUT_MS })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  // It may end without having read all; its exit code tells the rest.
  child.stdin.on('error', () => undefined)
  child.on('error', reject)
  child.on('close', (code, signal) => {
    if (code === 0) return resolve(Buffer.concat(output).toString())
    const said = Buffer.concat(errors).toString().trim().replaceAll('\n', '; ')
    reject(new Error(`${program}: ended with ${signal ?? code}: ${said || 'it said nothing'}`))
  })
  child.stdin.end(input)
  return promise
}
