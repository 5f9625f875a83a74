/** Every kind, field, tag and marker of the API level is there, or a reason says why not. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listSchema } from '#api/kind.ts'
import { kindOf, kinds } from '#api/registry.ts'
import { differences, type TypeDescription } from './completeness/description.ts'
import { describeOurs } from './completeness/our-types.ts'
import { describeUpstream, factFiles } from './completeness/upstream-types.ts'

/** The subjects that `docs/api-differences.md` gives reasons for, as list items with code first. */
const excused = readFileSync(new URL('../docs/api-differences.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => /^- `([^`]+)`: \S/.exec(line)?.[1] ?? [])

function findings(): string[] {
  const ours = new Map<string, TypeDescription>()
  const theirs = new Map<string, TypeDescription>()
  const missing: string[] = []
  for (const [file, { group, version, types }] of factFiles) {
    if (file === 'special') continue
    const apiVersion = group ? `${group}/${version}` : version
    for (const [name, entry] of Object.entries(types)) {
      if (!entry.runtimeObject) continue
      const schema = schemaOf(file, apiVersion, name)
      if (!schema) {
        missing.push(`kind ${apiVersion} ${name}: missing`)
        continue
      }
      describeOurs(schema, ours)
      describeUpstream(`${file}.${name}`, theirs)
    }
  }
  return [...missing, ...differences(ours, theirs)]
}

/** The schema of a kind or of its list. */
function schemaOf(file: string, apiVersion: string, name: string) {
  const kind = ownKind(file, apiVersion, name)
  if (kind || !name.endsWith('List')) return kind?.schema
  const item = ownKind(file, apiVersion, name.slice(0, -'List'.length))
  return item && listSchema(item)
}

/** Kinds of meta are part of every group; they are kept under the group without a name. */
function ownKind(file: string, apiVersion: string, name: string) {
  return kindOf(apiVersion, name) ?? (file === 'meta_v1' ? kindOf('v1', name) : undefined)
}

test('there is no difference from upstream without a stated reason', () => {
  const found = findings()
  const subjects = new Set(found.map((each) => each.slice(0, each.indexOf(':'))))
  expect(found.filter((each) => !excused.includes(each.slice(0, each.indexOf(':'))))).toEqual([])
  expect(excused.filter((each) => !subjects.has(each))).toEqual([])
})

test('no kind is there that upstream does not have', () => {
  const known = new Set(
    [...factFiles].flatMap(([file, { types }]) =>
      Object.keys(types).map((name) => `${file.replace('_', '.')}.${name}`),
    ),
  )
  expect(kinds.map((kind) => kind.schema.name).filter((name) => !known.has(name))).toEqual([])
})
