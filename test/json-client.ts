/** Requests of a test to an API server, as JSON. */

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** As loose as JSON is: what comes back is what the tests are about. */
  readonly body: ReturnType<typeof JSON.parse>
}

export type Call = (
  method: string,
  path: string,
  body?: unknown,
  contentType?: string,
) => Promise<Answer>

export function jsonClient(url: string): Call {
  return async (method, path, body, contentType = 'application/json') => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': contentType, 'user-agent': 'tests/1' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    const { status, headers } = response
    return { status, headers, body: isJson ? JSON.parse(text) : text }
  }
}
