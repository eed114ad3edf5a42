import { Button, Group, Popover, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFilter, IconSearch } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { TypedInput } from '../../parts/typed-input.tsx'

const route = getRouteApi('/with-session/in-workspace/profiles')

const SORTS = [
  ['', 'Newest first'],
  ['lastActivityAt desc', 'Last active first'],
  ['createdAt asc', 'Oldest first'],
  ['lastName asc', 'By last name'],
  ['email asc', 'By e-mail'],
  ['city asc', 'By city'],
] as const

type Changed = Record<string, string | undefined>

/** Search, filters and order of the list; all of it stands in the address. */
export function ProfileFilters() {
  const { search = '', sort, order } = route.useSearch()
  const set = useSetSearch()
  const setSort = (value: string | null): void => {
    const [nextSort, nextOrder] = (value ?? '').split(' ')
    set({ sort: nextSort || undefined, order: nextOrder })
  }
  return (
    <Group gap="xs">
      <TypedInput
        aria-label="Search profiles"
        placeholder="Name, e-mail, phone or id"
        leftSection={<IconSearch size={16} aria-hidden />}
        flex={1}
        miw={200}
        initial={search}
        onRest={(text) => set({ search: text })}
      />
      <MoreFilters set={set} />
      <Select
        aria-label="Order"
        w={210}
        allowDeselect={false}
        data={SORTS.map(([value, label]) => ({ value, label }))}
        value={sort === undefined ? '' : `${sort} ${order ?? 'asc'}`}
        onChange={setSort}
      />
    </Group>
  )
}

function useSetSearch(): (changed: Changed) => void {
  const navigate = route.useNavigate()
  return (changed) => void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
}

const YES_OR_NO = [
  { value: 'true', label: 'With an e-mail' },
  { value: 'false', label: 'Without an e-mail' },
]

function MoreFilters({ set }: { set: (changed: Changed) => void }) {
  const { city, company, hasEmail, isCompany } = route.useSearch()
  const count = [city, company, hasEmail, isCompany].filter((value) => value !== undefined).length
  return (
    <Popover width={280} position="bottom-end" trapFocus shadow="md">
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilter size={16} aria-hidden />}>
          Filters{count > 0 && ` (${count})`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <FilterForm set={set} />
      </Popover.Dropdown>
    </Popover>
  )
}

function FilterForm({ set }: { set: (changed: Changed) => void }) {
  const { city = '', company = '', hasEmail = null, isCompany = null } = route.useSearch()
  const form = useForm({ initialValues: { city, company } })
  const apply = (values: { city: string; company: string }): void =>
    set({ city: values.city.trim() || undefined, company: values.company.trim() || undefined })
  const clear = (): void => {
    form.setValues({ city: '', company: '' })
    set({ city: undefined, company: undefined, hasEmail: undefined, isCompany: undefined })
  }
  return (
    <form onSubmit={form.onSubmit(apply)}>
      <Stack gap="sm">
        <TextInput label="City" {...form.getInputProps('city')} />
        <TextInput label="Company" {...form.getInputProps('company')} />
        <Select
          label="E-mail"
          placeholder="With or without"
          clearable
          data={YES_OR_NO}
          value={hasEmail}
          onChange={(value) => set({ hasEmail: value ?? undefined })}
        />
        <Select
          label="What they are"
          placeholder="People and companies"
          clearable
          data={[{ value: 'true', label: 'Companies only' }]}
          value={isCompany}
          onChange={(value) => set({ isCompany: value ?? undefined })}
        />
        <Group justify="space-between">
          <Button variant="default" onClick={clear}>
            Clear
          </Button>
          <Button type="submit">Apply</Button>
        </Group>
      </Stack>
    </form>
  )
}
