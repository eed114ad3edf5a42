import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { listProfiles } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'
import { useMay } from '../api/session.ts'
import { usePersonNames } from './person-names.ts'
import { nameOf, subtitleOf } from './person.ts'

const SHOWN = '20'

/** A profile, found as one types a name, an e-mail, a phone or an id. */
export function ProfileSelect(props: {
  label: string
  placeholder?: string
  onlyCompanies?: boolean
  value: number | undefined
  onChange: (id: number | undefined) => void
}) {
  const { label, placeholder, onlyCompanies = false, value, onChange } = props
  const [typed, setTyped] = useState('')
  const options = useOptions(typed, value, onlyCompanies)
  return (
    <Select
      label={label}
      placeholder={placeholder}
      data={options}
      value={value === undefined ? null : String(value)}
      onChange={(id) => onChange(id === null ? undefined : Number(id))}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Clear ${label}` }}
      // The server has searched already, by more than what is shown.
      filter={({ options: found }) => found}
      onSearchChange={setTyped}
      nothingFoundMessage="Nobody is called so"
      flex="1 1 220px"
    />
  )
}

/** What was found, and the one that is chosen. */
function useOptions(typed: string, value: number | undefined, onlyCompanies: boolean) {
  const may = useMay()
  const isAllowed = may('profiles:read')
  const labelOf = usePersonNames(value === undefined ? [] : [[value]])
  const chosenLabel = value === undefined ? undefined : labelOf(value)
  // The name of the one that is chosen stands in the input; it is nothing that somebody searches for.
  const [search] = useDebouncedValue(typed === chosenLabel ? '' : typed.trim(), 200)
  const query = {
    limit: SHOWN,
    ...(search !== '' && { search }),
    ...(onlyCompanies && { isCompany: 'true' as const }),
  }
  const { data } = useQuery({
    queryKey: ['profiles', 'select', query],
    queryFn: ({ signal }) => answerOf(listProfiles({ client, signal, query })),
    enabled: isAllowed,
    placeholderData: (before) => before,
  })
  const found = (data?.items ?? []).filter(({ id }) => id !== value)
  const options = found.map((profile) => ({
    value: String(profile.id),
    label: [nameOf(profile), subtitleOf(profile)].filter(Boolean).join(' · '),
  }))
  return chosenLabel === undefined ? options : [...options, { value: String(value), label: chosenLabel }]
}
