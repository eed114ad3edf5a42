import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Values } from './policy-values.ts'
import { RetentionDialog } from './retention-dialog.tsx'

/** Shows what would be forgotten, and changes nothing. */
export function RetentionButton({ values }: { values: Values }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Show what would be forgotten
      </Button>
      {isOpen && <RetentionDialog values={values} onClose={() => setOpen(false)} />}
    </>
  )
}
