import { Group, SegmentedControl, Select } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { DIALECT_NAMES } from '../../parts/dialects.tsx'
import { TypedInput } from '../../parts/typed-input.tsx'

const route = getRouteApi('/with-session/in-workspace/live')

const DIALECTS = Object.entries(DIALECT_NAMES).map(([value, label]) => ({ value, label }))

/** What of the stream is watched; the address holds it. */
export function LiveFilters() {
  const { dialect = null, name = '', outcome = '' } = route.useSearch()
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
      <Select
        aria-label="API"
        placeholder="Every API"
        clearable
        w={150}
        data={DIALECTS}
        value={dialect}
        onChange={(value) => set({ dialect: value ?? undefined })}
      />
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
