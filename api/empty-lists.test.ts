/** Empty lists: owned by who wrote them, null once stored. */
import { expect, test } from 'vitest'
import { decode } from './decode.ts'
import { forgetEmptyLists } from './empty-lists.ts'
import { Role } from './kinds/rbac/role.ts'

test('an empty list is null once it is stored, and a list with items stays', () => {
  const role = decode(Role.schema, { metadata: { name: 'a' }, rules: [] })
  expect(role.rules).toEqual([])
  forgetEmptyLists(Role.schema, role)
  expect(role.rules).toBeNull()
  const full = decode(Role.schema, { rules: [{ verbs: ['get'] }] })
  forgetEmptyLists(Role.schema, full)
  expect(full.rules).toEqual([{ verbs: ['get'] }])
})
