/** What tables say about flow schemas and priority levels. */
import { expect, test } from 'vitest'
import { posted } from '../../judged.ts'
import { FlowSchema } from './flow-schema.ts'
import { PriorityLevelConfiguration } from './priority-level-configuration.ts'

/** Without name and age. */
const priorityCells = (spec: object) => {
  const level = posted(PriorityLevelConfiguration, { spec })
  return PriorityLevelConfiguration.columns?.slice(1, 6).map((column) => column.cell(level, 0))
}

test.for([
  [{ type: 'Exempt' }, ['Exempt', '<none>', '<none>', '<none>', '<none>']],
  [
    { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    ['Limited', 30, '<none>', '<none>', '<none>'],
  ],
  [
    { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
    ['Limited', 30, 64, 8, 50],
  ],
] as const)('a priority level %j', ([spec, cells]) => {
  expect(priorityCells(spec)).toEqual(cells)
})

test('a flow schema whose priority level may be missing', () => {
  const spec = { priorityLevelConfiguration: { name: 'p' } }
  const cells = (object: object) => {
    const schema = posted(FlowSchema, object)
    const shown = FlowSchema.columns?.filter(({ name }) => name !== 'Name' && name !== 'Age')
    return shown?.map((column) => column.cell(schema, 0))
  }
  expect(cells({ spec })).toEqual(['p', 1000, '<none>', '?'])
  const conditions = [{ type: 'Dangling', status: 'False' }]
  const byUser = { ...spec, distinguisherMethod: { type: 'ByUser' } }
  expect(cells({ spec: byUser, status: { conditions } })).toEqual(['p', 1000, 'ByUser', 'False'])
})
