/** The object that a selector limits a list or watch to: access may be limited to it too. */
import { FieldSelectorError, parseFieldSelector, requiredField } from '#api/field-selector.ts'
import { pathSegmentName } from '#api/names.ts'
import type { RequestInfo } from '../request-info.ts'

/** As if the request had named the object in its path. */
export function withSelectedName(info: RequestInfo): RequestInfo {
  if (!info.isResource || info.name || (info.verb !== 'list' && info.verb !== 'watch')) return info
  const text = info.query.get('fieldSelector')
  const name = text ? selectedName(text) : undefined
  return name && !pathSegmentName(name).length ? { ...info, name } : info
}

function selectedName(text: string): string | undefined {
  try {
    return requiredField(parseFieldSelector(text), 'metadata.name')
  } catch (error) {
    // Who may list hears from the list what is wrong with the selector.
    if (error instanceof FieldSelectorError) return undefined
    throw error
  }
}
