/** What two accounts of an API type must agree on, to be compared field by field. */

export interface FieldDescription {
  readonly type: string
  /** Protobuf tag, 0 when the field has none. */
  readonly tag: number
  /** What is written when the field is unset. */
  readonly unset: 'left out' | 'empty' | 'null' | 'in the parent'
  readonly required: boolean
  readonly listType: string
  readonly listKeys: string
  readonly mergeKey: string
  readonly patch: string
  readonly atomic: boolean
  readonly enum: string
  /** Undefined where upstream publishes no default of its own making. */
  readonly default: string | undefined
}

export interface TypeDescription {
  readonly atomic: boolean
  /** In the order in which JSON shows them. */
  readonly fields: ReadonlyMap<string, FieldDescription>
}

/** By full name, such as `apps.v1.DeploymentSpec`. */
export type Description = ReadonlyMap<string, TypeDescription>

/** Each difference as `<subject>: ours, upstream theirs`. */
export function differences(ours: Description, theirs: Description): string[] {
  const found: string[] = []
  for (const name of theirs.keys()) if (!ours.has(name)) found.push(`${name}: missing`)
  for (const [name, type] of ours) {
    const upstream = theirs.get(name)
    if (!upstream) found.push(`${name}: not upstream`)
    else found.push(...typeDifferences(name, type, upstream))
  }
  return found
}

function typeDifferences(name: string, ours: TypeDescription, theirs: TypeDescription): string[] {
  const found: string[] = []
  if (ours.atomic !== theirs.atomic) {
    found.push(`${name} atomic: ${ours.atomic}, upstream ${theirs.atomic}`)
  }
  for (const field of theirs.fields.keys()) {
    if (!ours.fields.has(field)) found.push(`${name}.${field}: missing`)
  }
  for (const [field, own] of ours.fields) {
    const upstream = theirs.fields.get(field)
    if (!upstream) found.push(`${name}.${field}: not upstream`)
    else found.push(...fieldDifferences(`${name}.${field}`, own, upstream))
  }
  const order = [...ours.fields.keys()].join(' ')
  const upstreamOrder = [...theirs.fields.keys()].join(' ')
  if (!found.length && order !== upstreamOrder) {
    found.push(`${name} order: ${order}, upstream ${upstreamOrder}`)
  }
  return found
}

function fieldDifferences(
  place: string,
  ours: FieldDescription,
  theirs: FieldDescription,
): string[] {
  const found: string[] = []
  for (const aspect of Object.keys(theirs) as (keyof FieldDescription)[]) {
    // Most defaults are code upstream; only those that it publishes can be compared.
    if (aspect === 'default' && theirs.default === undefined) continue
    if (ours[aspect] === theirs[aspect]) continue
    found.push(
      `${place} ${aspect}: ${ours[aspect] || 'none'}, upstream ${theirs[aspect] || 'none'}`,
    )
  }
  return found
}
