module vc.test/conformance/table

go 1.25.0
