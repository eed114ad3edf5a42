import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import { compactText, definitionText, readDefinitionText } from './definition-text.ts'

/** A definition that somebody writes, as the text that it is; the form changes that text too. */
export interface DefinitionDraft {
  text: string
  /** What the text says; undefined while it cannot be read. */
  value: unknown
  /** Why it cannot be read. */
  problem: string | undefined
  setText: (text: string) => void
  setValue: (value: unknown) => void
}

/** A draft that begins with a definition. */
export function useDefinitionDraft(initial: unknown): DefinitionDraft {
  const [text, setText] = useState(() =>
    typeof initial === 'string' ? readable(initial) : definitionText(initial),
  )
  const { value, problem } = readDefinitionText(text)
  return { text, value, problem, setText, setValue: (next) => setText(definitionText(next)) }
}

function readable(text: string): string {
  const { value, problem } = readDefinitionText(text)
  return problem === undefined ? definitionText(value) : text
}

/** Servers take addresses up to 16 KiB, other parts of the request with them. */
const ADDRESS_LENGTH_MAX = 12_000

/**
 * Keeps a draft in the address of its page, where reload and a link find it again. `kept` is what the address has.
 * @returns whether it is too long for that
 */
export function useKeptDraft(
  draft: DefinitionDraft,
  kept: string | undefined,
  keep: (text: string | undefined) => void,
): boolean {
  const compact = compactText(draft.text)
  const [settled] = useDebouncedValue(compact, 300)
  const last = useRef(kept ?? compact)
  useEffect(() => {
    if (settled === last.current) return
    last.current = settled
    keep(isTooLong(settled) ? undefined : settled)
  }, [settled, keep])
  const { setText } = draft
  useEffect(() => {
    // Another draft than the one that was put there: somebody went through the history, or followed a link.
    if (kept === undefined || kept === last.current) return
    last.current = kept
    setText(readable(kept))
  }, [kept, setText])
  return isTooLong(compact)
}

function isTooLong(text: string): boolean {
  return encodeURIComponent(JSON.stringify(text)).length > ADDRESS_LENGTH_MAX
}
