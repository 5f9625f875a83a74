/** What rollouts of templates have in common: selectors, names by hash, revisions. */
import {
  type LabelSelector,
  type LabelSelectorObject,
  nothing,
  selectorFromObject,
} from '#api/label-selector.ts'

const known = new WeakMap<LabelSelectorObject, LabelSelector>()

/** Objects in caches do not change, so that each selector is compiled once. */
export function selectorOf(selector: LabelSelectorObject | null | undefined): LabelSelector {
  if (!selector) return nothing
  const compiled = known.get(selector) ?? selectorFromObject(selector)
  known.set(selector, compiled)
  return compiled
}
