-- What the caller was told when an item was refused: a sentence that holds no value of the item.
alter table rejection add column detail text;
