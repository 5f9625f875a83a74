/** Table cells that validating and mutating policies have in common. */
import { formatSelector, selectorFromObject } from '../../label-selector.ts'
import type { ParamKind, ParamRef } from './policy.ts'

export const UNSET = '<unset>'

export function paramKindCell(paramKind: ParamKind | undefined): string {
  return paramKind ? `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}` : UNSET
}

/** `*` stands for the namespace of the request. */
export function paramRefCell(paramRef: ParamRef | undefined): string {
  if (!paramRef) return UNSET
  const { name, namespace = '*', selector } = paramRef
  if (name) return `${namespace}/${name}`
  return selector ? formatSelector(selectorFromObject(selector)) : UNSET
}
