/** What is derived from the table of resources: made when asked for, again when it has changed. */
import type { ResourceTable } from '../resources.ts'

export function fromTable<Value>(
  make: (table: ResourceTable) => Value,
): (table: ResourceTable) => Value {
  const made = new WeakMap<ResourceTable, { generation: number; value: Value }>()
  return (table) => {
    const known = made.get(table)
    if (known?.generation === table.generation) return known.value
    const value = make(table)
    made.set(table, { generation: table.generation, value })
    return value
  }
}
