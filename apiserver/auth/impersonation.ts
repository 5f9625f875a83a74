/** Acting as somebody else: who is wanted, read from the headers, and whether that is allowed. */
import type { IncomingMessage } from 'node:http'
import { badRequest } from '#api/status.ts'
import type { User } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Authorizer } from './authorizer.ts'
import { extraKey, headerTexts } from './header-texts.ts'
import { allowedUser } from './impersonation-modes.ts'

const USER = 'impersonate-user'
const UID = 'impersonate-uid'
const GROUP = 'impersonate-group'
const EXTRA_PREFIX = 'impersonate-extra-'

/** The user that the request is answered for: the caller, or whom it acts as. */
export function actingUser(
  caller: User,
  request: IncomingMessage,
  info: RequestInfo,
  authorizer: Authorizer,
): User | Promise<User> {
  const wanted = wantedUser(request)
  return wanted ? impersonated(caller, wanted, request, info, authorizer) : caller
}

async function impersonated(
  caller: User,
  wanted: User,
  request: IncomingMessage,
  info: RequestInfo,
  authorizer: Authorizer,
): Promise<User> {
  const user = await allowedUser(caller, wanted, info, authorizer)
  const { headers } = request
  for (const name of Object.keys(headers)) {
    // Whoever the request is passed on to must not act on them again.
    if (isImpersonation(name)) delete headers[name]
  }
  return user
}

const isImpersonation = (name: string): boolean =>
  name === USER || name === UID || name === GROUP || name.startsWith(EXTRA_PREFIX)

function wantedUser(request: IncomingMessage): User | undefined {
  const { headers } = request
  const names = Object.keys(headers).filter(isImpersonation)
  if (!names.length) return undefined
  const name = headerTexts(request, USER)[0] ?? ''
  const uid = headerTexts(request, UID)[0] ?? ''
  const groups = headerTexts(request, GROUP)
  const extra = new Map<string, readonly string[]>()
  for (const header of names.filter((each) => each.startsWith(EXTRA_PREFIX))) {
    const key = extraKey(header.slice(EXTRA_PREFIX.length))
    extra.set(key, [...(extra.get(key) ?? []), ...headerTexts(request, header)])
  }
  if (name) {
    return {
      name,
      ...(uid && { uid }),
      groups,
      ...(extra.size > 0 && { extra: Object.fromEntries(extra) }),
    }
  }
  if (!uid && !groups.length && !extra.size) return undefined
  const who = goUser(uid, groups, extra)
  throw badRequest(`requested ${who} without impersonating a user name`)
}

/** A user as Go prints it: this is what upstream says. */
function goUser(
  uid: string,
  groups: readonly string[],
  extra: ReadonlyMap<string, readonly string[]>,
): string {
  const list = (values: readonly string[]): string =>
    values.map((each) => JSON.stringify(each)).join(', ')
  const groupText = groups.length ? `[]string{${list(groups)}}` : '[]string(nil)'
  const entries = [...extra].sort(([one], [other]) => (one < other ? -1 : 1))
  const extraText = entries
    .map(([key, values]) => `${JSON.stringify(key)}:[]string{${list(values)}}`)
    .join(', ')
  const type = 'map[string][]string'
  return (
    `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${groupText}, ` +
    `Extra:${extra.size ? `${type}{${extraText}}` : `${type}(nil)`}}`
  )
}
