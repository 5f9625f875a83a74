/** What a user hears who may not do something. */
import { forbidden, type StatusError } from '#api/status.ts'
import type { User } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

export function denied(user: User, info: RequestInfo, reason?: string): StatusError {
  const tail = reason ? `: ${reason}` : ''
  if (!info.isResource) {
    const why = `User "${user.name}" cannot ${info.verb} path "${info.path}"${tail}`
    return forbidden({ group: '', plural: '' }, '', why)
  }
  const { verb, group, namespace, name, subresource } = info
  const plural = subresource ? `${info.resource}/${subresource}` : info.resource
  const scope = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
  const what = `cannot ${verb} resource "${plural}" in API group "${group}" ${scope}`
  return forbidden({ group, plural: info.resource }, name, `User "${user.name}" ${what}${tail}`)
}
