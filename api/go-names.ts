/** The names that upstream's decoder prints for types: its error messages are matched. */
import { resolved, type Schema } from './schema.ts'

const scalars: Record<string, string> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  intOrString: 'intstr.IntOrString',
  any: 'interface {}',
  object: 'runtime.RawExtension',
}

/** `[]v1.Container`, `map[string]string`, `int32`. */
export function goTypeName(schema: Schema): string {
  const target = resolved(schema)
  switch (target.type) {
    case 'list':
      return `[]${goTypeName(target.item)}`
    case 'map':
      return `map[string]${goTypeName(target.value)}`
    case 'struct':
    case 'either':
      return target.name.slice(target.name.indexOf('.') + 1)
    default:
      return target.name?.slice(target.name.indexOf('.') + 1) ?? scalars[target.type]!
  }
}

/** `DeploymentSpec` of `apps.v1.DeploymentSpec`. */
export function goStructName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

export function jsonTypeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
