// Judges records by their JSON Schemas with ajv, formats asserted; a record that is no JSON is none of the schema's.
"use strict";
const { readFileSync } = require("node:fs");
const { Ajv, formats } = require("./vendor/ajv.min.cjs");

const { schemas, records } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ajv = new Ajv({ strict: true, allErrors: false, strictTypes: false });
ajv.addVocabulary(["x-podium"]);
formats(ajv);
const validate = Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, ajv.compile(schema)]));
const judge = (type, text) => {
  try {
    return validate[type](JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};
process.stdout.write(JSON.stringify(records.map(([type, text]) => judge(type, text))));
