/** RangeAllocation: which members of a range of addresses or ports are taken. Never served. */
import { defineKind } from '../../kind.ts'
import { always, bytes, type Stored, string } from '../../schema.ts'

export const RangeAllocation = defineKind({
  group: '',
  version: 'v1',
  kind: 'RangeAllocation',
  doc: 'Which members of a range of addresses or ports are taken. Not for clients.',
  fields: {
    range: always(2, string, 'The range, such as 10.0.0.0/24 or 30000-32767.'),
    data: always(3, bytes, 'One bit for each member of the range, set when it is taken.'),
  },
})
export interface RangeAllocation extends Stored<typeof RangeAllocation> {}
