type Words = readonly [string, ...string[]];

export const firstNames: Words = [
  'Ada',
  'Bruno',
  'Chiara',
  'Dmitri',
  'Elif',
  'Femke',
  'Goran',
  'Hanna',
  'Ivo',
  'Jana',
  'Kofi',
  'Leïla',
  'Mateo',
  'Nadia',
  'Oskar',
  'Priya',
  'Quentin',
  'Rosa',
  'Søren',
  'Tomás',
];

export const lastNames: Words = [
  'Albrecht',
  'Bianchi',
  'Costa',
  'Dvořák',
  'Eriksen',
  'Fontaine',
  'García',
  'Horvat',
  'Ivanova',
  'Jansen',
  'Kowalska',
  'Lindqvist',
  'Moreau',
  'Nowak',
  'Okafor',
  'Papadakis',
  'Quist',
  'Rossi',
  'Schneider',
  'Tanaka',
];

export const streets: Words = [
  'Mill Lane',
  'Harbour Street',
  'Station Road',
  'Elm Row',
  'Market Square',
  'Castle Hill',
];

/** City and country. */
export const cities: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['Berlin', 'DE'],
  ['Lyon', 'FR'],
  ['Porto', 'PT'],
  ['Utrecht', 'NL'],
  ['Brno', 'CZ'],
  ['Malmö', 'SE'],
  ['Turin', 'IT'],
  ['Graz', 'AT'],
];

export const adjectives: Words = [
  'Compact',
  'Classic',
  'Folding',
  'Heavy',
  'Light',
  'Modern',
  'Nordic',
  'Rustic',
  'Slim',
];

export const materials: Words = [
  'Oak',
  'Steel',
  'Linen',
  'Copper',
  'Bamboo',
  'Glass',
  'Felt',
  'Ceramic',
  'Walnut',
  'Cork',
];

/** Product names of each category. */
export const nouns: Readonly<Record<string, Words>> = {
  kitchen: ['Teapot', 'Chopping Board', 'Pan', 'Whisk', 'Bowl'],
  lighting: ['Lamp', 'Lantern', 'Reading Lamp', 'Chandelier'],
  office: ['Desk', 'Notebook', 'Pen Tray', 'Chair', 'Bookend'],
  garden: ['Trowel', 'Planter', 'Bench', 'Watering Can'],
  outdoor: ['Tent', 'Backpack', 'Flask', 'Hammock'],
  audio: ['Speaker', 'Headphones', 'Turntable', 'Radio'],
};

export const categories: Words = ['kitchen', 'lighting', 'office', 'garden', 'outdoor', 'audio'];
