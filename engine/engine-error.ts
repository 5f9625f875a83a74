/** What goes wrong between a kubelet and the Docker Engine. */

/** The Engine answered, and refused. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly statusCode: number

  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

/** The Engine could not be asked, hung, or broke off: nobody knows what became of the call. */
export class EngineUnreachableError extends Error {
  override readonly name = 'EngineUnreachableError'
}

export function hasStatus(error: unknown, ...statusCodes: number[]): error is EngineError {
  return error instanceof EngineError && statusCodes.includes(error.statusCode)
}

/** Undefined instead of an error when there is no such thing. */
export async function unlessMissing<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work
  } catch (error) {
    if (hasStatus(error, 404)) return undefined
    throw error
  }
}
