import { TextInput } from '@mantine/core'
import type { TextInputProps } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'

/** How long typing must rest before the address follows, milliseconds. */
const REST_MS = 250

/**
 * An input whose text goes into the address once typing rests. Not when the page is being left meanwhile: that would lead back.
 * @param props `onRest` gets the text without spaces around it, or undefined when there is none
 */
export function TypedInput(
  props: { initial: string; onRest: (text: string | undefined) => void } & Omit<
    TextInputProps,
    'value' | 'onChange'
  >,
) {
  const { initial, onRest, ...input } = props
  const router = useRouter()
  const [pathname] = useState(() => router.latestLocation.pathname)
  const [typed, setTyped] = useState(initial)
  const rest = useDebouncedCallback((text: string) => {
    if (router.latestLocation.pathname === pathname) onRest(text.trim() || undefined)
  }, REST_MS)
  return (
    <TextInput
      {...input}
      value={typed}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value)
        rest(value)
      }}
    />
  )
}
