/** Tables against what a genuine API server printed about the same objects at the same moment. */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { customColumns, type PrinterColumn } from '#api/custom-columns.ts'
import { decode } from '#api/decode.ts'
import type { Kind } from '#api/kind.ts'
import { Scale } from '#api/kinds/autoscaling/scale.ts'
import { resourceOf } from '#api/registry.ts'
import { columnDefinitions, tableRow } from '#api/table-rows.ts'

/** The clock was noted in whole seconds, so an age may be one off, in milliseconds. */
const clockErrors = [0, 1000, -1000]

interface ColumnFact {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly priority?: number
}

interface Sample {
  readonly case: string
  readonly resource: string
  readonly now: string
  readonly cells: readonly unknown[]
  /** With the columns of newer servers, where those differ. */
  readonly cellsNewer?: readonly unknown[]
  readonly rowConditions?: readonly object[]
  readonly object: object
}

interface Facts {
  readonly columns: Readonly<Record<string, readonly ColumnFact[]>>
  readonly newerColumns: Readonly<Record<string, readonly ColumnFact[]>>
  readonly samples: readonly Sample[]
}

const facts = JSON.parse(
  readFileSync(new URL('fixtures/facts/table-columns.json', import.meta.url), 'utf8'),
) as Facts

const CUSTOM = 'facts.example.com/'

/** The printer columns of the custom resources in the samples. */
const customResources: Readonly<Record<string, readonly PrinterColumn[]>> = {
  'facts.example.com/v1/things': [],
  'facts.example.com/v1/gadgets': [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Ratio', type: 'number', jsonPath: '.spec.ratio' },
    { name: 'On', type: 'boolean', jsonPath: '.spec.on' },
    { name: 'When', type: 'date', jsonPath: '.spec.when' },
    { name: 'List', type: 'string', jsonPath: '.spec.list[0]' },
    { name: 'Obj', type: 'string', jsonPath: '.spec.obj' },
    {
      name: 'Ready',
      type: 'string',
      format: 'byte',
      priority: 1,
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    },
  ],
}

function kindOf(resource: string): Kind {
  const custom = customResources[resource]
  if (custom) return { columns: customColumns(custom) } as unknown as Kind
  if (resource === 'autoscaling/v1/scale') return Scale as unknown as Kind
  const slash = resource.lastIndexOf('/')
  const kind = resourceOf(resource.slice(0, slash), resource.slice(slash + 1))
  if (!kind) throw new Error(`no such resource: ${resource}`)
  return kind
}

const columns = { ...facts.columns, ...facts.newerColumns }

describe('columns', () => {
  test.for(Object.keys(columns))('%s', (resource) => {
    const own = columnDefinitions(kindOf(resource)).map(({ name, type, format, priority }) => ({
      name,
      type,
      ...(format && { format }),
      ...(priority && { priority }),
    }))
    expect(own).toEqual(columns[resource])
  })
})

describe('rows', () => {
  test.for(facts.samples)(
    '$resource: $case',
    ({ resource, now, cells, cellsNewer, rowConditions, object }) => {
      const expected = cellsNewer ?? cells
      const kind = kindOf(resource)
      const normal = resource.startsWith(CUSTOM) ? object : decode(kind.schema, object)
      const rows = clockErrors.map((error) =>
        tableRow(kind, normal, Date.parse(now) + error, 'Object'),
      )
      const row = rows.find((each) => isDeepStrictEqual(each.cells, expected)) ?? rows[0]!
      expect(row.cells).toEqual(expected)
      // The facts leave upstream's texts out.
      const conditions = row.conditions?.map(({ message: _, ...rest }) => rest)
      expect(conditions).toEqual(rowConditions)
      expect(row.object).toBe(normal)
    },
  )
})
