/** UserInfo: who makes a request, as authentication found out. */
import { listOf, mapOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const userInfo = struct('authentication.v1.UserInfo', 'Who makes a request.', {
  username: omitEmpty(1, string, 'Name of the user, unique among all that are active.'),
  uid: omitEmpty(2, string, 'Tells this user from another of the same name at another time.'),
  groups: omitEmpty(
    3,
    listOf(string, { listType: 'atomic' }),
    'Names of the groups that the user is in.',
  ),
  extra: omitEmpty(
    4,
    mapOf(listOf(string, { message: 'authentication.v1.ExtraValue' })),
    'Further facts that the authenticator adds.',
  ),
})
export interface UserInfo extends Stored<typeof userInfo> {}
