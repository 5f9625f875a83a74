/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, bytes, type Stored, string } from '../../schema.ts'

export const RangeAllocation = defineKind({
  group: '',
  version: 'v1',
  kind: 'RangeAllocation',
  doc: '',
  fields: {
    range: always(2, string, ''),
    data: always(3, bytes, ''),
  },
})
export interface RangeAllocation extends Stored<typeof RangeAllocation> {}
