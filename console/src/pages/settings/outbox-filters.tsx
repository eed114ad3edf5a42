import { Group, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { OCCASIONS, STATES } from './message-words.ts'

const route = getRouteApi('/with-session/in-workspace/settings/outbox')

const STATE_CHOICES = Object.entries(STATES).map(([value, { label }]) => ({ value, label }))

/** Which messages are listed; the address holds it. */
export function OutboxFilters() {
  const { state = null, template = null, recipient = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const [typed, setTyped] = useState(recipient)
  const set = (changed: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...changed, message: undefined }), replace: true })
  const setRecipient = useDebouncedCallback(
    (text: string) => set({ recipient: text.trim() || undefined }),
    400,
  )
  return (
    <Group gap="xs">
      <Select
        aria-label="State"
        placeholder="Every state"
        clearable
        w={150}
        data={STATE_CHOICES}
        value={state}
        onChange={(value) => set({ state: value ?? undefined })}
      />
      <Select
        aria-label="Message"
        placeholder="Every message"
        clearable
        w={180}
        data={Object.keys(OCCASIONS)}
        value={template}
        onChange={(value) => set({ template: value ?? undefined })}
      />
      <TextInput
        aria-label="Recipient"
        placeholder="Whole address or number"
        w={220}
        value={typed}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value)
          setRecipient(value)
        }}
      />
    </Group>
  )
}
