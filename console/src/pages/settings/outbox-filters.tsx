import { Group, Select } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { OCCASIONS, STATES } from './message-words.ts'
import { TypedInput } from '../../parts/typed-input.tsx'

const route = getRouteApi('/with-session/in-workspace/settings/outbox')

const STATE_CHOICES = Object.entries(STATES).map(([value, { label }]) => ({ value, label }))

/** Which messages are listed; the address holds it. */
export function OutboxFilters() {
  const { state = null, template = null, recipient = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (changed: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...changed, message: undefined }), replace: true })
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
      <TypedInput
        aria-label="Recipient"
        placeholder="Whole address or number"
        w={220}
        initial={recipient}
        onRest={(text) => set({ recipient: text })}
      />
    </Group>
  )
}
