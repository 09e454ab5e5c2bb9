package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// object is a JSON object of the OpenAPI document.
type object = map[string]any

// parseJSON decodes numbers as json.Number.
func parseJSON(encoded []byte) (any, error) {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	err := decoder.Decode(&v)
	return v, err
}

// violations checks a value against a schema, for the keywords that the document uses.
// An unknown keyword is a violation, too, so that nothing in the document is ignored.
func (s spec) violations(at string, schema object, value any) []string {
	var found []string
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		found = append(found, s.keyword(at, schema, keyword, value)...)
	}
	return found
}

func (s spec) keyword(at string, schema object, keyword string, value any) []string {
	argument := schema[keyword]
	switch keyword {
	case "description", "default":
		return nil
	case "$ref":
		return s.violations(at, s.resolve(schema), value)
	case "allOf":
		return s.allOf(at, argument, value)
	case "oneOf":
		return s.oneOf(at, argument, value)
	case "type":
		return violationUnless(isOfType(argument, value), at, "is not of type %v", argument)
	case "enum":
		known := slices.ContainsFunc(argument.([]any), func(one any) bool { return reflect.DeepEqual(one, value) })
		return violationUnless(known, at, "is %v, none of %v", value, argument)
	case "const":
		return violationUnless(reflect.DeepEqual(argument, value), at, "is %v, not %v", value, argument)
	}
	switch value := value.(type) {
	case object:
		return s.objectKeyword(at, schema, keyword, value)
	case []any:
		return s.arrayKeyword(at, keyword, argument, value)
	case string:
		return stringKeyword(at, keyword, argument, value)
	case json.Number:
		return numberKeyword(at, keyword, argument, value)
	default:
		return nil // the other keywords do not apply to null and booleans
	}
}

func (s spec) allOf(at string, schemas, value any) []string {
	var found []string
	for _, schema := range schemas.([]any) {
		found = append(found, s.violations(at, schema.(object), value)...)
	}
	return found
}

func (s spec) oneOf(at string, schemas, value any) []string {
	matching := 0
	for _, schema := range schemas.([]any) {
		if len(s.violations(at, schema.(object), value)) == 0 {
			matching++
		}
	}
	return violationUnless(matching == 1, at, "matches %d alternatives, want 1", matching)
}

func isOfType(allowed, value any) bool {
	if several, ok := allowed.([]any); ok {
		return slices.ContainsFunc(several, func(one any) bool { return isOfType(one, value) })
	}
	switch value := value.(type) {
	case nil:
		return allowed == "null"
	case bool:
		return allowed == "boolean"
	case string:
		return allowed == "string"
	case []any:
		return allowed == "array"
	case object:
		return allowed == "object"
	case json.Number:
		_, err := value.Int64()
		return allowed == "number" || allowed == "integer" && err == nil
	default:
		return false
	}
}

func (s spec) objectKeyword(at string, schema object, keyword string, value object) []string {
	properties, _ := schema["properties"].(object)
	var found []string
	switch keyword {
	case "required":
		for _, name := range schema["required"].([]any) {
			_, present := value[name.(string)]
			found = append(found, violationUnless(present, at, "lacks %v", name)...)
		}
	case "properties":
		for name, member := range value {
			if property, known := properties[name]; known {
				found = append(found, s.violations(at+"."+name, property.(object), member)...)
			}
		}
	case "additionalProperties":
		for name := range value {
			_, known := properties[name]
			found = append(found, violationUnless(known, at, "has %s, which is not documented", name)...)
		}
	default:
		return unknownKeyword(at, keyword)
	}
	return found
}

func (s spec) arrayKeyword(at, keyword string, argument any, value []any) []string {
	var found []string
	switch keyword {
	case "items":
		for i, item := range value {
			found = append(found, s.violations(fmt.Sprintf("%s[%d]", at, i), argument.(object), item)...)
		}
	case "minItems":
		return violationUnless(int64(len(value)) >= number(argument), at, "has fewer than %v items", argument)
	case "maxItems":
		return violationUnless(int64(len(value)) <= number(argument), at, "has more than %v items", argument)
	default:
		return unknownKeyword(at, keyword)
	}
	return found
}

func stringKeyword(at, keyword string, argument any, value string) []string {
	length := int64(utf8.RuneCountInString(value))
	switch keyword {
	case "minLength":
		return violationUnless(length >= number(argument), at, "is shorter than %v", argument)
	case "maxLength":
		return violationUnless(length <= number(argument), at, "is longer than %v", argument)
	case "pattern":
		return violationUnless(regexp.MustCompile(argument.(string)).MatchString(value), at, "is %q, not like %v", value, argument)
	case "format":
		_, err := time.Parse(time.RFC3339, value)
		return violationUnless(argument == "date-time" && err == nil, at, "is %q, not a %v", value, argument)
	default:
		return unknownKeyword(at, keyword)
	}
}

func numberKeyword(at, keyword string, argument any, value json.Number) []string {
	switch keyword {
	case "minimum":
		return violationUnless(number(value) >= number(argument), at, "is less than %v", argument)
	case "maximum":
		return violationUnless(number(value) <= number(argument), at, "is more than %v", argument)
	default:
		return unknownKeyword(at, keyword)
	}
}

func unknownKeyword(at, keyword string) []string {
	return violationUnless(false, at, "has a schema with the keyword %s, which does not apply to it or is not supported", keyword)
}

func number(v any) int64 {
	n, _ := v.(json.Number).Int64()
	return n
}

func violationUnless(valid bool, at, format string, args ...any) []string {
	if valid {
		return nil
	}
	return []string{strings.TrimPrefix(at, ".") + " " + fmt.Sprintf(format, args...)}
}
