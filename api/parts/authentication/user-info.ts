/** FIXME: one sentence. */
import { listOf, mapOf, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const userInfo = struct('authentication.v1.UserInfo', '', {
  username: omitEmpty(1, string, ''),
  uid: omitEmpty(2, string, ''),
  groups: omitEmpty(3, listOf(string, { listType: 'atomic' }), ''),
  extra: omitEmpty(4, mapOf(listOf(string)), ''),
})
export interface UserInfo extends Stored<typeof userInfo> {}
