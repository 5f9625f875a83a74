/** What containers say, as text. */
import type { Readable } from 'node:stream'
import type { Runtime } from '#kubelet/runtime.ts'

export async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

/** What a shell command writes inside; its errors follow in brackets, then its code, if any. */
export async function outputOf(runtime: Runtime, id: string, script: string): Promise<string> {
  const command = ['sh', '-c', script]
  const session = await runtime.exec(id, { command, tty: false, stdin: false })
  const [stdout, stderr, code] = await Promise.all([
    textOf(session.stdout),
    session.stderr ? textOf(session.stderr) : '',
    session.ended,
  ])
  const errors = stderr === '' ? '' : ` [${stderr.trim()}]`
  return `${stdout.trim()}${errors}${code === 0 ? '' : ` (${code})`}`.trim()
}
