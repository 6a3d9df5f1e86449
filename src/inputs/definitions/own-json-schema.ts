import * as z from 'zod';
import { imageSettings } from '../image-schema.js';

const ID = 'images.schema.json';

/**
 * The JSON Schema of our own format, for editors (schema/images.schema.json is made of it by `npm run docs`). It is as strict
 * about keys as the reader; of values it knows the forms, and the reader knows the rest.
 */
export function publishedImagesSchema(): Record<string, unknown> {
  // Editors' servers know this version best.
  const { $schema, properties = {} } = z.toJSONSchema(imageSettings, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  const settings = Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, formsOf(property)]));
  const name = { type: ['string', 'number'], description: 'What reports call it; unique.' };
  const file = { type: 'string', description: 'The Containerfile, relative to the checkout.' };
  return {
    $schema,
    $id: ID,
    title: 'Images of e2e-build-action',
    anyOf: [
      {
        type: 'object',
        properties: { images: { $ref: '#/definitions/images' }, defaults: { $ref: '#/definitions/defaults' } },
        required: ['images'],
        additionalProperties: false,
      },
      { $ref: '#/definitions/images' },
    ],
    definitions: {
      images: {
        description: 'A list of images, a map of names to images, or a map of names to Containerfile paths.',
        anyOf: [
          {
            type: 'array',
            minItems: 1,
            items: { allOf: [{ $ref: '#/definitions/image' }], type: 'object', required: ['name'] },
          },
          {
            type: 'object',
            minProperties: 1,
            additionalProperties: { anyOf: [{ $ref: '#/definitions/image' }, file] },
          },
        ],
      },
      image: { type: 'object', properties: { name, ...settings }, additionalProperties: false },
      defaults: {
        type: 'object',
        properties: settings,
        additionalProperties: false,
        description: 'Settings of every image of the file that has none of its own; maps merge.',
      },
    },
  };
}

/** The forms that users may write; beside them stands what we make of them. */
function formsOf(property: unknown): unknown {
  const { anyOf, description } = property as { anyOf?: unknown; description?: string };
  return anyOf === undefined ? property : { anyOf, description };
}
