/** How refusals of a change show it: fields before and after, as upstream prints a difference. */

/** `typeName` is the Go name that upstream heads the text with, such as `core.PodSpec`. */
export function changeText(typeName: string, before: object, after: object): string {
  const [old, next] = [before, after] as Record<string, unknown>[]
  const lines: string[] = []
  let same = 0
  for (const name of new Set([...Object.keys(old!), ...Object.keys(next!)])) {
    const [was, is] = [JSON.stringify(old![name]), JSON.stringify(next![name])]
    if (was === is) same++
    else {
      if (was !== undefined) lines.push(`- \t${name}: ${was},`)
      if (is !== undefined) lines.push(`+ \t${name}: ${is},`)
    }
  }
  if (same) lines.push(`  \t... // ${same} identical fields`)
  return [`  ${typeName}{`, ...lines, '  }', ''].join('\n')
}
