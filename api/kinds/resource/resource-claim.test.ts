/** What tables say about claims and slices. */
import { expect, test } from 'vitest'
import { posted } from '../../judged.ts'
import { ResourceClaim } from './resource-claim.ts'
import { ResourceSlice } from './resource-slice.ts'

const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const reservedFor = [{ resource: 'pods', name: 'p', uid: 'u' }]

test.for([
  [{}, {}, 'pending'],
  [{}, { allocation: {} }, 'allocated'],
  [{}, { allocation: {}, reservedFor }, 'allocated,reserved'],
  [deletion, {}, 'deleted'],
  [deletion, { allocation: {}, reservedFor }, 'deleted,allocated,reserved'],
] as const)('the state of a claim with %j and %j', ([metadata, status, state]) => {
  const claim = posted(ResourceClaim, { metadata, spec: { devices: {} }, status })
  const column = ResourceClaim.columns?.find(({ name }) => name === 'State')
  expect(column?.cell(claim, 0)).toBe(state)
})

test('the node, driver and pool of a slice', () => {
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
  const cells = (spec: object) => {
    const slice = posted(ResourceSlice, { spec: { driver: 'd.example.com', pool, ...spec } })
    return ResourceSlice.columns?.slice(1, 4).map((column) => column.cell(slice, 0))
  }
  expect(cells({ nodeName: 'n' })).toEqual(['n', 'd.example.com', 'p'])
  expect(cells({ allNodes: true })).toEqual(['<unset>', 'd.example.com', 'p'])
})
