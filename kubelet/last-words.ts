/** What an ended container left to be said about its end. */
import type { Container } from '#api/parts/core/container.ts'
import type { ObservedContainer, Runtime } from './runtime.ts'

/** As upstream, of the log of a container that has written nothing else. */
const LOG_BYTES_MAX = 2048
const LOG_LINES_MAX = 80

/** Empty where there is nothing; of a log that is too long, its end. */
export async function lastWordsOf(
  { terminationMessagePolicy: policy }: Container,
  { id, exitCode }: ObservedContainer,
  written: string,
  runtime: Pick<Runtime, 'logs'>,
  signal: AbortSignal,
): Promise<string> {
  if (written !== '' || policy !== 'FallbackToLogsOnError' || exitCode === 0) return written
  const options = { follow: false, timestamps: false, tail: LOG_LINES_MAX, signal }
  try {
    const chunks: Buffer[] = []
    for await (const chunk of await runtime.logs(id, options)) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks).subarray(-LOG_BYTES_MAX).toString()
  } catch (error) {
    return `Error reading termination message from logs: ${(error as Error).message}`
  }
}
