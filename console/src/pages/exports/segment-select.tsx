import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMay } from '../../api/session.ts'
import { plural } from '../../parts/format.ts'
import { segmentListQuery } from '../../parts/segment-list.ts'

/** Whose profiles: those of a segment, or everybody's; then it is empty. */
export function SegmentSelect({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const may = useMay()
  const { data } = useQuery({ ...segmentListQuery, enabled: may('segments:read') })
  const segments = data?.items ?? []
  const known = segments.map(({ id, name, size }) => ({
    value: id,
    label: size === null ? name : `${name} (${plural(size, 'profile')})`,
  }))
  const isKnown = value === '' || segments.some(({ id }) => id === value)
  return (
    <Select
      label="Segment"
      placeholder="Everybody"
      data={isKnown ? known : [...known, { value, label: value }]}
      value={value === '' ? null : value}
      onChange={(id) => onChange(id ?? '')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Everybody' }}
      nothingFoundMessage="No segment is called so"
      maw={400}
    />
  )
}
