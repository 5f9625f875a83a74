/** What clients hear when another server answered in our place with a code and some text. */
import { type Reason, StatusError } from '#api/status.ts'

const known: Readonly<Record<number, readonly [reason: Reason, message: string]>> = {
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted'],
}

export function serverResponseStatus(
  code: number,
  text: string,
  resource: string,
  name: string,
): StatusError {
  const [reason, message] = known[code] ?? unknown(code, text)
  const details = { name, kind: resource }
  const error = new StatusError(
    reason ?? 'InternalError',
    `${message} ( ${resource} ${name})`,
    details,
  )
  return Object.assign(error, { reason, code })
}

function unknown(code: number, text: string): readonly [Reason | undefined, string] {
  if (code === 403) return ['Forbidden', text]
  if (code === 429) return ['TooManyRequests', text || 'the server has received too many requests']
  if (code < 500) return [undefined, `the server responded with the status code ${code}`]
  const quoted = JSON.stringify(text)
  const why = `an error on the server (${quoted}) has prevented the request from succeeding`
  return ['InternalError', why]
}
