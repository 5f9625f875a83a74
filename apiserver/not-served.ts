/** The answer where a path leads to no resource. */
import { StatusError } from '#api/status.ts'

export const notServed = (): StatusError =>
  new StatusError('NotFound', 'the server could not find the requested resource', {})
