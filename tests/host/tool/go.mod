module vc.test/host/tool

go 1.19
