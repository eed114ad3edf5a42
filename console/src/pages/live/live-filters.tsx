import { Group, SegmentedControl } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { DialectSelect } from '../../parts/dialect-select.tsx'
import { TypedInput } from '../../parts/typed-input.tsx'

const route = getRouteApi('/with-session/in-workspace/live')

/** What of the stream is watched; the address holds it. */
export function LiveFilters() {
  const { dialect, name = '', outcome = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (changed: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
  return (
    <Group gap="xs">
      <SegmentedControl
        aria-label="Outcome"
        value={outcome}
        onChange={(value) => set({ outcome: value || undefined })}
        data={[
          { value: '', label: 'All' },
          { value: 'accepted', label: 'Accepted' },
          { value: 'rejected', label: 'Refused' },
        ]}
      />
      <DialectSelect value={dialect} onChange={(value) => set({ dialect: value })} />
      <TypedInput
        aria-label="Name of the event, or reason of the refusal"
        placeholder="Event or reason"
        w={170}
        initial={name}
        onRest={(text) => set({ name: text })}
      />
    </Group>
  )
}
