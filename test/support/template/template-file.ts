import { readFileSync } from 'node:fs';
import { type CollectionTag, isCollection, parseDocument, type ScalarTag, YAMLMap } from 'yaml';

/** A property of a resource; what stands in it depends on its type. */
export type Properties = Record<string, unknown>;

export interface Parameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly (string | number)[];
}

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  Properties?: Properties;
}

export interface Rule {
  readonly RuleCondition?: unknown;
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription: string }[];
}

/** A template as it is written, its short tags in their long form. */
export interface Template {
  readonly Parameters: Record<string, Parameter>;
  readonly Rules: Record<string, Rule>;
  readonly Mappings: Record<string, Record<string, Record<string, string | number>>>;
  readonly Conditions: Record<string, unknown>;
  readonly Globals: { readonly Function: Properties };
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { readonly Condition?: string; readonly Value: unknown }>;
}

const SECTIONS =
  'AWSTemplateFormatVersion Transform Description Metadata Parameters Rules Mappings Conditions Globals Resources Outputs'.split(
    ' ',
  );
const SHORT = 'Ref Condition Sub GetAtt If Equals And Or Not FindInMap Split'.split(' ');

/** As CloudFormation reads it, which knows neither anchors nor tags of others. */
export function readTemplate(path: string): Template {
  const text = readFileSync(path, 'utf8');
  const document = parseDocument(text, { customTags: SHORT.flatMap(tagsOf), merge: false });
  const [trouble] = [...document.errors, ...document.warnings];
  if (trouble) throw trouble;
  if (/^\s*(- )?&\w|<<:/m.test(text)) throw new Error(`${path} has an anchor or a merge: CloudFormation knows none`);
  const template = document.toJS() as Template;
  const unknown = Object.keys(template).find((section) => !SECTIONS.includes(section));
  if (unknown) throw new Error(`${path} has a section ${unknown}`);
  return template;
}

function tagsOf(name: string): (ScalarTag | CollectionTag)[] {
  const tag = `!${name}`;
  const long = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  const collected = (collection: 'seq' | 'map'): CollectionTag => ({
    tag,
    collection,
    resolve: (node) => {
      const map = new YAMLMap();
      if (isCollection(node)) node.tag = undefined;
      map.set(long, node);
      return map;
    },
  });
  const scalar: ScalarTag = {
    tag,
    resolve: (text) => ({ [long]: name === 'GetAtt' ? text.split(/\.(.*)/s, 2) : text }),
  };
  return [scalar, collected('seq'), collected('map')];
}
