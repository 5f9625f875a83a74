/** What a caller hears whose request a plugin refuses. */
import { forbidden, type StatusError } from '#api/status.ts'
import type { Attributes } from './admission.ts'

/** Several reasons are said together, as upstream joins them. */
export function refused(attributes: Attributes, ...reasons: readonly string[]): StatusError {
  const why = reasons.length === 1 ? reasons[0]! : `[${reasons.join(', ')}]`
  return forbidden(attributes.resource, nameOf(attributes), why)
}

/** An object whose name is yet to be made is called by what its name will begin with. */
function nameOf({ name, object }: Attributes): string {
  return name || object?.metadata.name || object?.metadata.generateName || 'Unknown'
}
