/** Definitions of custom resources inside tests: made small, and waited for. */

import type { TestServer } from './api-server.ts'
import type { Call } from './json-client.ts'

type Fields = Readonly<Record<string, unknown>>
type Definition = ReturnType<typeof JSON.parse>

export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const open: Fields = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** A version that is served and stored, and keeps every field, unless it is said otherwise. */
export const version = (name: string, schema: Fields = open, more: Fields = {}) => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
})

/** A schema with these fields in `spec`. */
export const specOf = (properties: Fields): Fields => ({
  type: 'object',
  properties: { spec: { type: 'object', properties } },
})

/** `things` in a group of its own. */
export const definition = (
  group: string,
  versions: readonly object[] = [version('v1')],
  names: Fields = {},
  spec: Fields = {},
) => {
  const plural = String(names.plural ?? 'things')
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind: 'Thing', ...names },
      versions,
      ...spec,
    },
  }
}

/** Resolves with what is stored at a key, undefined for nothing, when that is as wanted. */
export async function storedWhen(
  { parts: { store } }: TestServer,
  key: string,
  isWanted: (found: Definition | undefined) => boolean,
): Promise<Definition | undefined> {
  const { promise, resolve } = Promise.withResolvers<Definition | undefined>()
  const look = (): boolean => {
    const entry = store.get(key)
    const found = entry && JSON.parse(entry.value.toString())
    if (isWanted(found)) resolve(found)
    return true
  }
  using _watch = store.watch(
    { prefix: key, after: store.revision },
    { change: look, end: () => resolve(undefined) },
  )
  look()
  return await promise
}

export const definitionWhen = (
  server: TestServer,
  name: string,
  isWanted: (found: Definition | undefined) => boolean,
): Promise<Definition | undefined> =>
  storedWhen(server, `/registry/apiextensions.k8s.io/customresourcedefinitions/${name}`, isWanted)

export const conditionOf = (found: Definition | undefined, type: string) =>
  found?.status.conditions?.find((each: { readonly type: string }) => each.type === type)

const isEstablished = (found: Definition | undefined): boolean =>
  conditionOf(found, 'Established')?.status === 'True'

/** Creates a definition, and waits until its objects can be. */
export async function define(
  server: TestServer,
  call: Call,
  wanted: ReturnType<typeof definition>,
): Promise<void> {
  const { status, body } = await call('POST', definitions, wanted)
  if (status !== 201) throw new Error(JSON.stringify(body))
  await definitionWhen(server, wanted.metadata.name, isEstablished)
}
