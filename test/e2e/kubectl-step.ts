/** One line of a script: the words after `kubectl`, and what it should write. */

/**
 * The output is text with placeholders such as `<age>`: see `outputPattern` in kubectl.ts. A last
 * line `(exit 1)` says that it should fail.
 */
export type Step = readonly [
  words: string,
  output: string,
  environment?: Readonly<Record<string, string>>,
]
