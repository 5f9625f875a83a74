/** Asks by HTTP: any answer from 200 to 399 is a good one. */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { HTTPHeader } from '#api/parts/core/probe.ts'
import {
  dialText,
  failure,
  hostAndPort,
  type Limits,
  OUTPUT_BYTES_MAX,
  type Outcome,
  success,
  warning,
  within,
} from './outcome.ts'

export interface HttpQuestion {
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: readonly HTTPHeader[]
}

const REDIRECTS_MAX = 10
const defaults = { 'user-agent': 'kube-probe/1.36', accept: '*/*' }

export function askHttp(question: HttpQuestion, limits: Limits): Promise<Outcome> {
  const url = urlOf(question)
  const headers = headersOf(question.headers)
  const late = (): Outcome => {
    const cause = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    return failure(`Get "${url}": ${cause}`)
  }
  return within(limits, (signal) => follow(url, headers, signal), late)
}

function urlOf({ scheme, host, port, path }: HttpQuestion): string {
  const origin = `${scheme.toLowerCase()}://${hostAndPort(host, port)}`
  return `${origin}${path.startsWith('/') ? '' : '/'}${path}`
}

/** Names in any case may replace the usual ones; an empty value takes one away. */
function headersOf(given: readonly HTTPHeader[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { ...defaults }
  const byName = Map.groupBy(given, ({ name }) => name.toLowerCase())
  for (const [name, list] of byName) {
    const values = list.map(({ value }) => value)
    if (name in defaults && values.every((value) => value === '')) delete headers[name]
    else headers[name] = name === 'host' ? values.at(-1)! : values
  }
  return headers
}

/** Redirects are followed as long as they stay on the host that was asked. */
async function follow(
  first: string,
  headers: Record<string, string | string[]>,
  signal: AbortSignal,
): Promise<Outcome> {
  let url = new URL(first)
  for (let redirects = 0; redirects < REDIRECTS_MAX; redirects++) {
    const answer = await get(url, headers, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      return failure(
        `Get "${url.href}": ${dialText(error, hostAndPort(url.hostname, portOf(url)))}`,
      )
    })
    if ('result' in answer) return answer
    const { code, location, body } = answer
    if (code < 200 || code >= 400) return failure(`HTTP probe failed with statuscode: ${code}`)
    if (!location || code < 300) return success(body)
    const next = URL.parse(location, url.href)
    if (!next) return failure(`Get "${url.href}": failed to parse Location header "${location}"`)
    if (next.hostname !== url.hostname) {
      return warning(`Probe terminated redirects, Response body: ${body}`)
    }
    url = next
  }
  return failure(`Get "${url.href}": stopped after ${REDIRECTS_MAX} redirects`)
}

const portOf = ({ port, protocol }: URL): number =>
  port ? Number(port) : protocol === 'https:' ? 443 : 80

interface Answer {
  readonly code: number
  readonly location: string | undefined
  readonly body: string
}

async function get(
  url: URL,
  headers: Record<string, string | string[]>,
  signal: AbortSignal,
): Promise<Answer> {
  // A container's certificate is nobody's business here: it is asked whether it answers.
  const secure = { rejectUnauthorized: false }
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = send(url, { headers, signal, agent: false, ...secure }, resolve)
    sent.once('error', reject)
    sent.end()
  })
  const body = await beginning(response)
  return { code: response.statusCode ?? 0, location: response.headers.location, body }
}

async function beginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= OUTPUT_BYTES_MAX) break
  }
  response.destroy()
  return Buffer.concat(chunks).toString('utf8', 0, OUTPUT_BYTES_MAX)
}
